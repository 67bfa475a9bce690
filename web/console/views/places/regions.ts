/** The region tree for pickers that want numbers. */
import { api, type Schemas } from "@shared/api";

export type RegionNode = Schemas["RegionNode"];
export interface NumberNode {
  value: number;
  label: string;
  children?: NumberNode[];
}

function numbers(nodes: readonly RegionNode[]): NumberNode[] {
  return nodes.map((n) => ({
    value: n.id,
    label: n.name,
    children: n.children.length ? numbers(n.children) : undefined,
  }));
}
export async function areaNodes(): Promise<NumberNode[]> {
  return numbers(await api.get<RegionNode[]>("/regions/tree"));
}
export const LEVELS = [1, 2, 3, 4] as const;
