"""Trained models into ONNX, with the proof that the ONNX file answers as its trainer did.

    load.py               a file into a trained model
    schema.py             the inputs of a model, and the ONNX types they get
    classical.py          scikit-learn, LightGBM and XGBoost into ONNX: `to_onnx`
    boosters.py           LightGBM and XGBoost as skl2onnx and onnxmltools see them
    lightgbm_trees.py     … and what onnxmltools gets wrong of the one
    xgboost_trees.py      … and of the other, mended on the way in: attribute_mend.py
    sklearn_mends.py      what skl2onnx refuses or gets wrong
    plain.py              numpy scalars in attributes as Python's numbers
    keras.py, torch.py    networks, with what they share in networks.py
    estimators.py         an estimator with its samples, and the ways to export it
    hints.py, samples.py  rows to try it on: given, or drawn from what it knows
    trainer.py            the trainer's own answers on them
    document.py           samples.json
    compare.py            what counts as equal
    replay.py             the samples in predikt, through Node: ../replay.mjs
    onnxruntime_check.py  the samples in ONNX Runtime, to tell whose error one is
    publish.py            manifest.json
    errors.py             what the command line says in a sentence
"""
