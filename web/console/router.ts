import { createRouter, createWebHistory } from "vue-router";
import { translate } from "./lib/i18n";
import { useMe } from "./lib/me";
import { collect, type Room, routesOf } from "./lib/room";

export const rooms = collect(import.meta.glob<{ default: Room }>("./routes/*.ts", { eager: true }));

export function makeRouter() {
  const router = createRouter({
    history: createWebHistory("/console/"),
    routes: [
      {
        path: "/",
        name: "home",
        component: () => import("./shell/Home.vue"),
        meta: { title: "common.home" },
      },
      ...routesOf(rooms),
      {
        path: "/:rest(.*)*",
        name: "missing",
        component: () => import("./shell/Missing.vue"),
        meta: { title: "common.missing.title" },
      },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
  router.afterEach((to) => {
    const me = useMe();
    const title = to.meta.title ? translate(to.meta.title) : "";
    document.title = [title, me.city, translate("common.product")].filter(Boolean).join(" · ");
  });
  // a page whose chunk is gone after an upgrade: load the new version
  router.onError((error, to) => {
    if (/dynamically imported module|Importing a module script failed/.test(String(error)))
      location.assign(to.fullPath ? `/console${to.fullPath}` : "/console/");
  });
  return router;
}
