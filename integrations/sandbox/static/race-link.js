"use strict";

// An invitation is /console#raceToken/…; a browser never sends the fragment.
const [place, token] = window.location.hash.slice(1).split("/", 2);
window.location.replace(place === "raceToken" ? `/console/race?token=${token}` : "/start/");
