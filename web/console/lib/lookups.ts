/** Lists behind the pickers: units, areas, categories, people. Asked once a page load, shared by all pickers. */
import { api, type Page, type Schemas } from "@shared/api";

export interface TreeNode {
  value: string;
  label: string;
  disabled?: boolean;
  children?: TreeNode[];
}

const kept = new Map<string, Promise<TreeNode[]>>();
function once(key: string, load: () => Promise<TreeNode[]>): Promise<TreeNode[]> {
  let promise = kept.get(key);
  if (!promise) {
    promise = load();
    // a failure is not kept: the next picker asks again
    promise.catch(() => kept.delete(key));
    kept.set(key, promise);
  }
  return promise;
}
/** After an editor changed a tree. */
export function forget(key: "units" | "areas" | "categories"): void {
  kept.delete(key);
}

type Node = { id: number; name: string; code?: string; children?: Node[]; active?: boolean };

function tree(nodes: readonly Node[], value: (n: Node) => string): TreeNode[] {
  return nodes.map((n) => ({
    value: value(n),
    label: n.name,
    disabled: n.active === false,
    children: n.children?.length ? tree(n.children, value) : undefined,
  }));
}

export function units(): Promise<TreeNode[]> {
  return once("units", async () =>
    tree(await api.get<Schemas["UnitNode"][]>("/units/tree"), (n) => String(n.id)),
  );
}
/** Regions by division code: the API's `area` is a code prefix. */
export function areas(): Promise<TreeNode[]> {
  return once("areas", async () => tree(await api.get<Node[]>("/regions/tree"), (n) => n.code ?? ""));
}
export function categories(): Promise<TreeNode[]> {
  return once("categories", async () => {
    const list = await api.get<Page<Schemas["CategoryOut"]> | Schemas["CategoryOut"][]>("/categories");
    const rows: Schemas["CategoryOut"][] = Array.isArray(list) ? list : list.items;
    const byParent = new Map<number | null, Schemas["CategoryOut"][]>();
    for (const r of rows) {
      const parent = r.parent_id ?? null;
      byParent.set(parent, [...(byParent.get(parent) ?? []), r]);
    }
    const build = (parent: number | null): TreeNode[] =>
      (byParent.get(parent) ?? []).map((r) => {
        const children = build(r.id);
        return { value: String(r.id), label: r.name, children: children.length ? children : undefined };
      });
    return build(null);
  });
}

export function pathTo(nodes: readonly TreeNode[], value: string): TreeNode[] {
  for (const n of nodes) {
    if (n.value === value) return [n];
    const below = n.children ? pathTo(n.children, value) : [];
    if (below.length) return [n, ...below];
  }
  return [];
}
