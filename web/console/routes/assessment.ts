import { TrendCharts } from "@element-plus/icons-vue";
import { defineRoom } from "../lib/room";

/** Who sees every unit's figures. */
const READERS = ["evaluator", "leader", "system_admin"] as const;

export default defineRoom({
  room: "assessment",
  title: "assessment.menu",
  order: 22,
  icon: TrendCharts,
  pages: [
    {
      path: "scores",
      name: "assessment.scores",
      title: "assessment.page.scores",
      menu: true,
      roles: READERS,
      component: () => import("../views/assessment/Scores.vue"),
    },
    {
      path: "scores/:round(\\d+)/:tab(losses|heat|trend|what-if|peers|plan|data)?",
      name: "assessment.board",
      title: "assessment.page.board",
      under: "assessment.scores",
      roles: READERS,
      props: true,
      component: () => import("../views/assessment/ScoreBoard.vue"),
    },
    {
      path: "my-score",
      name: "assessment.mine",
      title: "assessment.page.mine",
      menu: true,
      roles: ["handler", ...READERS],
      component: () => import("../views/assessment/MyScore.vue"),
    },
  ],
});
