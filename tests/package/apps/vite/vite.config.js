export default {
  // The engine and the thread's script are found beside the package's own files, so it is not pre-bundled.
  optimizeDeps: { exclude: ["predikt"] },
};
