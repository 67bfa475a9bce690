import "@shared/theme/tokens.css";
import "@shared/theme/base.css";
import "element-plus/theme-chalk/base.css";
import "element-plus/theme-chalk/dark/css-vars.css";
import "@shared/theme/element.css";
import "./console.css";
import { ApiProblem, sendLanguage } from "@shared/api";
import { applyScheme, storedScheme } from "@shared/theme/dark";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { i18n } from "./lib/i18n";
import { useMe } from "./lib/me";
import { makeRouter } from "./router";
import App from "./shell/App.vue";

applyScheme(storedScheme());
sendLanguage(() => i18n.global.locale.value);

const app = createApp(App);
app.use(createPinia());
app.use(i18n);

async function start(): Promise<void> {
  try {
    await useMe().load();
  } catch (error) {
    // signed out: the client is on its way to the login page. Anything else: the shell says so.
    if (error instanceof ApiProblem && error.status === 401) return;
  }
  const router = makeRouter();
  app.use(router);
  await router.isReady();
  app.mount("#app");
}
void start();
