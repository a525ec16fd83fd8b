"use strict";
// What a person would do next anyway; without scripts the button is there.
document.getElementById("answer").submit();
