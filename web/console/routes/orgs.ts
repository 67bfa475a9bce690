import { OfficeBuilding } from "@element-plus/icons-vue";
import { ADMINS, CENTRE, UNIT } from "../lib/roles";
import { defineRoom } from "../lib/room";

const SEEING = [...ADMINS, ...CENTRE, ...UNIT] as const;

export default defineRoom({
  room: "orgs",
  title: "orgs.menu",
  order: 70,
  icon: OfficeBuilding,
  pages: [
    {
      path: "orgs/units",
      name: "orgs.units",
      title: "orgs.page.units",
      menu: true,
      roles: SEEING,
      component: () => import("../views/orgs/Units.vue"),
    },
    {
      path: "orgs/users",
      name: "orgs.users",
      title: "orgs.page.users",
      menu: true,
      roles: SEEING,
      component: () => import("../views/orgs/Users.vue"),
    },
    {
      path: "orgs/users/:id(\\d+)",
      name: "orgs.user",
      title: "orgs.page.user",
      under: "orgs.users",
      roles: SEEING,
      props: true,
      component: () => import("../views/orgs/User.vue"),
    },
    {
      path: "orgs/posts",
      name: "orgs.posts",
      title: "orgs.page.posts",
      menu: true,
      roles: SEEING,
      component: () => import("../views/orgs/Posts.vue"),
    },
    {
      path: "orgs/groups",
      name: "orgs.groups",
      title: "orgs.page.groups",
      menu: true,
      roles: SEEING,
      component: () => import("../views/orgs/Groups.vue"),
    },
    {
      path: "orgs/tokens",
      name: "orgs.tokens",
      title: "orgs.page.tokens",
      menu: true,
      roles: ["security_admin", "audit_admin"],
      component: () => import("../views/orgs/Tokens.vue"),
    },
    {
      path: "account",
      name: "orgs.account",
      title: "orgs.page.account",
      component: () => import("../views/orgs/Account.vue"),
    },
  ],
});
