import { createRouter, createWebHistory } from "vue-router";
import { say } from "./lib/i18n";
import { city } from "./lib/me";

declare module "vue-router" {
  interface RouteMeta {
    /** one of the bottom tabs */
    tab?: boolean;
  }
}

export const router = createRouter({
  history: createWebHistory("/m/"),
  routes: [
    {
      path: "/",
      name: "report",
      component: () => import("./views/Report.vue"),
      meta: { title: "report.title", tab: true },
    },
    {
      path: "/mine",
      name: "mine",
      component: () => import("./views/Mine.vue"),
      meta: { title: "mine.title", tab: true },
    },
    {
      path: "/follow/:number",
      name: "follow",
      component: () => import("./views/Follow.vue"),
      props: true,
      meta: { title: "follow.title" },
    },
    {
      path: "/tasks",
      name: "tasks",
      component: () => import("./views/Tasks.vue"),
      meta: { title: "tasks.title", tab: true },
    },
    {
      path: "/tasks/:id(\\d+)",
      name: "task",
      component: () => import("./views/Task.vue"),
      props: true,
      meta: { title: "task.title" },
    },
    {
      path: "/outbox",
      name: "outbox",
      component: () => import("./views/OutboxList.vue"),
      meta: { title: "outbox.title" },
    },
    {
      path: "/me",
      name: "me",
      component: () => import("./views/Me.vue"),
      meta: { title: "me.title", tab: true },
    },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.afterEach((to) => {
  document.title = [say(to.meta.title), city.value].filter(Boolean).join(" · ");
});
// a page whose file is gone after an upgrade: load the new version
router.onError((error, to) => {
  if (/dynamically imported module|Importing a module script failed/.test(String(error)) && navigator.onLine)
    location.assign(`/m${to.fullPath}`);
});
