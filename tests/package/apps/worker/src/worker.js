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

/** A network, which the compact engine does not have. */
async function digits(env, rows) {
  const model = await loadModel("https://assets.local/models/digits/model.json", {
    fetch: (input, init) => env.ASSETS.fetch(input, init),
  });
  return model.predict(rows);
}

export default {
  async fetch(request, env) {
    try {
      const { features, thread, pixels } = await request.json();
      if (thread !== undefined) await loadModel(new Uint8Array([1]), { thread });
      if (pixels !== undefined) return Response.json(await digits(env, pixels));
      const model = await iris(env);
      return Response.json(model.predict(features));
    } catch (error) {
      if (error instanceof PrediktError) return Response.json(error, { status: 400 });
      throw error;
    }
  },
};
