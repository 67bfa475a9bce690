import "@shared/theme/tokens.css";
import "@shared/theme/base.css";
import "vant/lib/index.css";
import "@shared/theme/vant.css";
import "./mobile.css";
import { sendLanguage, whenSignedOut } from "@shared/api";
import { applyScheme, isDark, storedScheme } from "@shared/theme/dark";
import { createApp } from "vue";
import App from "./App.vue";
import { applyElder } from "./lib/elder";
import { i18n } from "./lib/i18n";
import { loadMe } from "./lib/me";
import { startSending } from "./lib/send";
import { router } from "./router";

document.documentElement.classList.add("mobile");
applyScheme(storedScheme());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  document.documentElement.classList.toggle("dark", isDark(storedScheme()));
});
applyElder();
sendLanguage(() => i18n.global.locale.value);
// signed out is no reason to leave the page: what is written stays, the screen says "sign in"
whenSignedOut(() => undefined);

createApp(App).use(i18n).use(router).mount("#app");
void loadMe();
startSending();

if ("serviceWorker" in navigator && import.meta.env.PROD)
  window.addEventListener("load", () => {
    // without a worker (plain http on an office network) all works but a start without a network
    navigator.serviceWorker.register("/m/sw.js", { scope: "/m/" }).catch(() => undefined);
  });
