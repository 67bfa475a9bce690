/** The parts of ECharts we draw with, and our tokens as its theme. */
import { BarChart, HeatmapChart, LineChart, MapChart, ScatterChart } from "echarts/charts";
import {
  GeoComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import type { EChartsCoreOption } from "echarts/core";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { token } from "./token";

echarts.use([
  BarChart,
  LineChart,
  ScatterChart,
  HeatmapChart,
  MapChart,
  GridComponent,
  GeoComponent,
  LegendComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
]);

/** Colours of several series: blue and greys. Green, amber and red are lights, not decoration. */
export function palette(): string[] {
  return [token("blue"), "#7f8fa9", "#5c9ce6", "#b0bccf", "#38598b", "#94a9c9"];
}

export function themed(option: EChartsCoreOption): EChartsCoreOption {
  const ink = token("ink-2");
  const line = token("line-color");
  const axis = (a: unknown) => ({
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { color: ink },
    splitLine: { lineStyle: { color: token("line-soft") } },
    nameTextStyle: { color: ink },
    ...(a as object),
  });
  const each = (a: unknown) => (Array.isArray(a) ? a.map(axis) : a ? axis(a) : undefined);
  return {
    color: palette(),
    textStyle: { fontFamily: token("font"), color: ink },
    grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
    ...option,
    ...(option.xAxis ? { xAxis: each(option.xAxis) } : {}),
    ...(option.yAxis ? { yAxis: each(option.yAxis) } : {}),
    legend: option.legend
      ? { textStyle: { color: ink }, top: 0, itemWidth: 14, itemHeight: 8, ...(option.legend as object) }
      : undefined,
    tooltip: {
      trigger: "axis",
      // drawn on the canvas: an HTML tooltip carries style attributes, which our CSP refuses
      renderMode: "richText",
      backgroundColor: token("raised"),
      borderColor: line,
      textStyle: { color: token("ink"), fontSize: 12 },
      ...(option.tooltip as object | undefined),
    },
    animationDuration: 200,
  };
}

export { echarts };
