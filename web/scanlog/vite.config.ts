import { defineConfig } from "vite";

// The page is built into the Python package that serves it. Nothing is put into the HTML itself: no inline script or
// style, which the Content-Security-Policy forbids.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../../consumer/scanlog/pages",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
});
