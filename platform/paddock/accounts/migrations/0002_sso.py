from django.db import migrations, models
from django.db.models.functions import Lower


def name_logins(apps, schema_editor):
    """All accounts so far are local ones."""
    apps.get_model("accounts", "User").objects.update(login=Lower("email"))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='login',
            field=models.CharField(default='', editable=False, max_length=254, verbose_name='e-mail address'),
            preserve_default=False,
        ),
        migrations.RunPython(name_logins, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name='user',
            name='login',
            field=models.CharField(editable=False, max_length=254, unique=True, verbose_name='e-mail address'),
        ),
        migrations.AlterField(
            model_name='user',
            name='email',
            field=models.EmailField(db_index=True, max_length=254),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(
                condition=models.Q(('is_superuser', False), ('login__contains', '@'), _connector='OR'),
                name='only_local_accounts_operate',
                violation_error_message="Only a local account can be an operator's.",
            ),
        ),
    ]
