/* What scripts add to the server pages. Every page works without this file. */
"use strict";
document.documentElement.classList.add("script");

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

const form = document.querySelector("[data-report]");
if (form) {
  const said = form.querySelector("[data-located]");
  const button = form.querySelector("[data-locate]");
  if (!navigator.geolocation) button.hidden = true;
  button.addEventListener("click", () => {
    said.textContent = said.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lng.value = coords.longitude.toFixed(6);
        form.elements.lat.value = coords.latitude.toFixed(6);
        // browsers give WGS-84
        form.elements.system.value = "wgs84";
        said.textContent = said.dataset.ok.replace("{m}", Math.round(coords.accuracy));
      },
      () => {
        said.textContent = said.dataset.no;
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
  // one press, one report; the hidden client_id guards the rest
  form.addEventListener("submit", () => {
    const send = form.querySelector("button:not([type])");
    setTimeout(() => {
      send.disabled = true;
    });
  });
  window.addEventListener("pageshow", () => {
    form.querySelector("button:not([type])").disabled = false;
  });
}
