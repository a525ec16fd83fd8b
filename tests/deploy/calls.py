"""What the adapters can ask of AWS, read from their code: every name in it that is an operation of the service."""

import ast
from pathlib import Path

import botocore.session
from botocore import xform_name

INTEGRATIONS = Path(__file__).resolve().parents[2] / "integrations"


def list_operations(folder: str, service: str, *, models: str = "") -> set[str]:
    """Operations of the botocore service that code in `integrations/<folder>` calls, by method or by name."""
    session = botocore.session.get_session()
    if models:
        session.get_component("data_loader").search_paths.insert(0, str(INTEGRATIONS / models))
    operations = {xform_name(name): name for name in session.get_service_model(service).operation_names}
    paths = list((INTEGRATIONS / folder).rglob("*.py"))
    assert paths, f"no code in {folder}"
    return {operations[name] for path in paths for name in _list_names(path) if name in operations}


def _list_names(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    modules = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    called = [node.func for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    # A module of ours may have a function of the same name.
    methods = {each.attr for each in called if not (isinstance(each.value, ast.Name) and each.value.id in modules)}
    # Some are called through getattr.
    return methods | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
