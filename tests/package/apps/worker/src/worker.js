import { loadModel, PrediktError } from "predikt";

let loading;

/** Once an isolate, from the Worker's assets. */
function iris(env) {
  loading ??= loadModel("https://assets.local/models/iris/model.json", {
    fetch: (input, init) => env.ASSETS.fetch(input, init),
    selfTest: true,
  });
  return loading;
}

export default {
  async fetch(request, env) {
    try {
      const { features, thread } = await request.json();
      if (thread !== undefined) await loadModel(new Uint8Array([1]), { thread });
      const model = await iris(env);
      return Response.json(model.predict(features));
    } catch (error) {
      if (error instanceof PrediktError) return Response.json(error, { status: 400 });
      throw error;
    }
  },
};
