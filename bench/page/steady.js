/** predikt and its peers side by side; the driver calls `window.bench`. */

import { loadModel } from "predikt";
import { checkNetwork, openNetwork } from "./networks.js";
import { ort } from "./ort.js";
import { calls, check, open } from "./subjects.js";
import { asynchronous, interleave, making, synchronous } from "./timing.js";

const TOLERANCE = 1e-5;

/** One model at a time is open, so that none is timed beside the others' memory. */
let subject;

globalThis.bench = {
  /**
   * Opens a model and checks the answers on all of its rows and on the numbers of rows that will be timed.
   *
   * @returns the greatest difference, and whether m2cgen's code is there
   */
  async open(name, counts) {
    subject?.model.dispose();
    await subject?.session.release();
    subject = undefined;
    subject = await open(name);
    let greatest = 0;
    for (const count of [subject.samples.rows.length, ...counts]) {
      greatest = Math.max(greatest, await check(subject, count, TOLERANCE));
    }
    return { greatest, code: subject.score !== undefined };
  },

  /** Steady latency of one call. */
  latency(count, options) {
    const { predict, views, run, peer, code } = calls(subject, count);
    return interleave(
      {
        predict: synchronous(predict),
        views: synchronous(views),
        run: synchronous(run),
        peer: asynchronous(peer),
        ...(code && { code: synchronous(code) }),
      },
      options,
    );
  },

  /** From bytes in memory to a model, without and with a first prediction of one row. */
  loading(options) {
    const { bytes, tensorBytes } = subject;
    const ours = () => loadModel(bytes);
    const theirs = () => ort.InferenceSession.create(tensorBytes);
    const release = (model) => model.dispose();
    const releasePeer = (session) => session.release();
    return interleave(
      {
        load: making(ours, release),
        peerLoad: making(theirs, releasePeer),
        first: making(async () => {
          const model = await ours();
          calls({ ...subject, model }, 1).predict(0);
          return model;
        }, release),
        peerFirst: making(async () => {
          const session = await theirs();
          await calls({ ...subject, session }, 1).peer(0);
          return session;
        }, releasePeer),
      },
      { most: 64, ...options },
    );
  },

  /** A network of one input: checked, then timed; with `beside` on the other build of predikt too. */
  async network(name, beside, options) {
    const network = await openNetwork(name, beside);
    try {
      const greatest = await checkNetwork(network);
      const { ours, other, theirs } = network;
      const timed = await interleave(
        {
          run: synchronous(ours),
          peer: asynchronous(theirs),
          ...(other && { beside: synchronous(other) }),
        },
        options,
      );
      return { greatest, timed };
    } finally {
      await network.release();
    }
  },

  ortVersion: ort.env.versions.web,
};

console.log("ready");
