"use strict";

// The deep link is /start/#/console?account_id=…&role_name=…&destination=…, and /start/#/console/race?token=… leads on
// to a race; a browser never sends the fragment.
function showTarget() {
  const [place, query] = window.location.hash.slice(1).split("?");
  const target = new URLSearchParams(place === "/console" ? query : "");
  for (const name of ["account_id", "role_name", "destination"]) {
    document.querySelector(`input[name="${name}"]`).value = target.get(name) ?? "";
  }
  const race = new URLSearchParams(place === "/console/race" ? query : "");
  document.querySelector('input[name="race_token"]').value = race.get("token") ?? "";
  const account = target.get("account_id");
  document.getElementById("target").hidden = !account;
  if (account) {
    const role = target.get("role_name");
    document.getElementById("target-text").textContent = `account ${account}${role ? ` as ${role}` : ""}.`;
  }
}

showTarget();
window.addEventListener("hashchange", showTarget);
