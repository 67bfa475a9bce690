import { Flag } from "@element-plus/icons-vue";
import { defineRoom } from "../lib/room";

/** Who sees every unit's part of a round. */
const READERS = ["evaluator", "leader", "system_admin"] as const;

export default defineRoom({
  room: "rounds",
  title: "rounds.menu",
  order: 21,
  icon: Flag,
  pages: [
    {
      path: "rounds",
      name: "rounds.list",
      title: "rounds.page.list",
      menu: true,
      roles: READERS,
      component: () => import("../views/rounds/RoundList.vue"),
    },
    {
      path: "rounds/:id(\\d+)/:tab(places|roster|tasks|units|plans|steps|letters)?",
      name: "rounds.one",
      title: "rounds.page.one",
      under: "rounds.list",
      roles: READERS,
      props: true,
      component: () => import("../views/rounds/RoundPage.vue"),
    },
    {
      path: "round-tasks",
      name: "rounds.mine",
      title: "rounds.page.mine",
      menu: true,
      roles: ["handler"],
      component: () => import("../views/rounds/MyTasks.vue"),
    },
    {
      path: "round-tasks/steps",
      name: "rounds.my_steps",
      title: "rounds.page.my_steps",
      menu: true,
      roles: ["handler"],
      component: () => import("../views/rounds/MySteps.vue"),
    },
  ],
});
