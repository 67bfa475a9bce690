import { Tickets } from "@element-plus/icons-vue";
import { CASE_ROLES } from "../lib/roles";
import { defineRoom, type RoomPage } from "../lib/room";

function queue(name: string, roles: readonly string[]): RoomPage {
  return {
    path: `queues/${name}`,
    name: `cases.queue.${name}`,
    title: `cases.page.queue.${name}`,
    menu: true,
    roles,
    component: () => import("../views/cases/CaseQueue.vue"),
  };
}

export default defineRoom({
  room: "cases",
  title: "cases.menu",
  order: 10,
  icon: Tickets,
  pages: [
    {
      path: "desk",
      name: "cases.desk",
      title: "cases.page.desk",
      menu: true,
      roles: CASE_ROLES,
      component: () => import("../views/cases/MyDesk.vue"),
    },
    queue("accept", ["acceptor", "duty_chief"]),
    queue("verify", ["checker", "collector", "duty_chief"]),
    queue("dispatch", ["dispatcher", "duty_chief"]),
    queue("arbitration", ["duty_chief", "leader"]),
    queue("handle", ["handler"]),
    queue("check", ["checker", "collector", "acceptor", "duty_chief"]),
    queue("close", ["acceptor", "duty_chief"]),
    {
      path: "petitions",
      name: "cases.petitions",
      title: "cases.page.petitions",
      menu: true,
      roles: ["dispatcher", "duty_chief", "leader"],
      component: () => import("../views/cases/PetitionQueue.vue"),
    },
    {
      path: "cases",
      name: "cases.list",
      title: "cases.page.list",
      menu: true,
      roles: CASE_ROLES,
      component: () => import("../views/cases/CaseList.vue"),
    },
    {
      path: "map",
      name: "cases.map",
      title: "cases.page.map",
      menu: true,
      roles: CASE_ROLES,
      component: () => import("../views/cases/CaseMap.vue"),
    },
    {
      path: "cases/new",
      name: "cases.new",
      title: "cases.page.new",
      roles: CASE_ROLES,
      under: "cases.list",
      component: () => import("../views/cases/CaseNew.vue"),
    },
    {
      path: "cases/:id(\\d+)",
      name: "cases.one",
      title: "cases.page.one",
      under: "cases.list",
      component: () => import("../views/cases/CaseDetail.vue"),
      props: true,
    },
    {
      path: "loop-setting",
      name: "cases.setting",
      title: "cases.page.setting",
      menu: true,
      roles: ["system_admin", "duty_chief"],
      component: () => import("../views/cases/LoopSetting.vue"),
    },
  ],
});
