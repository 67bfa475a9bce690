/** Lists behind the pickers: units, areas, categories, people. Asked once a page load, shared by all pickers. */
import { api, type Schemas } from "@shared/api";

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
  if (key === "categories") {
    kept.delete("category_keys");
    inForce = null;
  }
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
export type CategoryNode = Schemas["TreeCategory"];

let inForce: Promise<CategoryNode[]> | null = null;
/** Categories of the catalogue in force, with their filing conditions. */
export function catalogue(): Promise<CategoryNode[]> {
  inForce ??= api.get<{ categories: CategoryNode[] }>("/catalogues/in-force/tree").then(
    (t) => t.categories,
    (error) => {
      inForce = null;
      throw error;
    },
  );
  return inForce;
}

function categoryTree(nodes: readonly CategoryNode[], value: (n: CategoryNode) => string): TreeNode[] {
  return nodes
    .filter((n) => n.active)
    .map((n) => ({
      value: value(n),
      label: n.name,
      children: n.children?.length ? categoryTree(n.children, value) : undefined,
    }));
}
export function categories(): Promise<TreeNode[]> {
  return once("categories", async () => categoryTree(await catalogue(), (n) => String(n.id)));
}
/** By their keys, which are stable over versions; filters and duty rules hang on them. */
export function categoryKeys(): Promise<TreeNode[]> {
  return once("category_keys", async () => categoryTree(await catalogue(), (n) => n.key));
}
export function findCategory(nodes: readonly CategoryNode[], id: number): CategoryNode | null {
  for (const n of nodes) {
    if (n.id === id) return n;
    const below = n.children ? findCategory(n.children, id) : null;
    if (below) return below;
  }
  return null;
}

export function findCategoryByKey(nodes: readonly CategoryNode[], key: string): CategoryNode | null {
  for (const n of nodes) {
    if (n.key === key) return n;
    const below = n.children ? findCategoryByKey(n.children, key) : null;
    if (below) return below;
  }
  return null;
}

export function pathTo(nodes: readonly TreeNode[], value: string): TreeNode[] {
  for (const n of nodes) {
    if (n.value === value) return [n];
    const below = n.children ? pathTo(n.children, value) : [];
    if (below.length) return [n, ...below];
  }
  return [];
}
