import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, URL } from "node:url";
import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver, VantResolver } from "unplugin-vue-components/resolvers";
import Components from "unplugin-vue-components/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Vant's icon sheet names a font on another host. No request may leave, so only the embedded font stays. */
function stripRemoteFonts(): Plugin {
  return {
    name: "strip-remote-fonts",
    enforce: "pre",
    transform(code, id) {
      if (!id.split("?")[0]?.endsWith(".css") || !/url\(["']?(https?:)?\/\//.test(code)) return null;
      const clean = code.replace(/,?\s*url\(["']?(?:https?:)?\/\/[^)]*\)\s*(format\(["'][^"']*["']\))?/g, "");
      return { code: clean, map: null };
    },
  };
}

/**
 * The service worker lists what the mobile app needs to start without a network: its own chunk graph,
 * not the console's. `__PRECACHE__` in mobile/sw.ts becomes that list; file names carry their hashes.
 */
function precache(base: string): Plugin {
  return {
    name: "mobile-precache",
    generateBundle(_options, bundle) {
      const sw = Object.values(bundle).find((f) => f.type === "chunk" && f.fileName === "sw.js");
      if (sw?.type !== "chunk") return;
      const entry = Object.values(bundle).find(
        (f) => f.type === "chunk" && f.isEntry && f.facadeModuleId?.endsWith("/mobile/index.html"),
      );
      const wanted = new Set<string>();
      const walk = (name: string): void => {
        const file = bundle[name];
        if (!file || wanted.has(name)) return;
        wanted.add(name);
        if (file.type !== "chunk") return;
        const meta = (file as { viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> } })
          .viteMetadata;
        for (const n of meta?.importedCss ?? []) walk(n);
        for (const n of meta?.importedAssets ?? []) walk(n);
        for (const n of [...file.imports, ...file.dynamicImports]) walk(n);
      };
      if (entry) walk(entry.fileName);
      const heavy = /maplibre|echarts/;
      const list = [...wanted].filter((n) => !heavy.test(n)).map((n) => base + n);
      sw.code = sw.code.replace(/__PRECACHE__/g, () => JSON.stringify(list));
    },
  };
}

const BASE = "/static/web/";

/** `vite` alone serves the shells where Django serves them: /console/… and /m/… */
function devShells(base: string): Plugin {
  return {
    name: "dev-shells",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const app = /^\/(console|m)(\/|$)/.exec(request.url ?? "")?.[1];
        if (app) request.url = `${base}${app === "m" ? "mobile" : "console"}/index.html`;
        next();
      });
    },
  };
}

const backend = process.env.LIFANG_BACKEND ?? "http://127.0.0.1:8000";
const input = Object.fromEntries(
  Object.entries({ console: "./console/index.html", mobile: "./mobile/index.html", sw: "./mobile/sw.ts" })
    .map(([name, path]) => [name, here(path)] as const)
    .filter(([, path]) => existsSync(path)),
);
const { version } = JSON.parse(readFileSync(here("./package.json"), "utf8")) as { version: string };

export default defineConfig({
  root: here("."),
  base: BASE,
  plugins: [
    stripRemoteFonts(),
    vue(),
    Components({
      dirs: [],
      dts: false,
      resolvers: [ElementPlusResolver({ importStyle: "css" }), VantResolver()],
    }),
    precache(BASE),
    devShells(BASE),
  ],
  define: {
    __APP_VERSION__: JSON.stringify(version),
    // messages are interpreted, not compiled with `new Function`: the CSP has no unsafe-eval
    __INTLIFY_JIT_COMPILATION__: "true",
    __INTLIFY_DROP_MESSAGE_COMPILER__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
  },
  resolve: {
    alias: { "@shared": here("./shared"), "@console": here("./console"), "@mobile": here("./mobile") },
  },
  build: {
    outDir: here("../src/lifang/static/web"),
    emptyOutDir: true,
    // browsers on government desktops are old
    target: ["chrome87", "safari14"],
    assetsInlineLimit: 4096,
    chunkSizeWarningLimit: 1200,
    manifest: "manifest.json",
    rolldownOptions: {
      input,
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  server: {
    host: "127.0.0.1",
    port: 8106,
    proxy: Object.fromEntries(
      ["/api", "/files", "/login", "/logout", "/accounts", "/report", "/follow", "/static/portal.css"].map(
        (p) => [p, { target: backend, changeOrigin: false }],
      ),
    ),
  },
  test: {
    environment: "happy-dom",
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**"],
    server: { deps: { inline: ["element-plus"] } },
  },
});
