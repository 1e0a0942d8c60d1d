"""Trained models into ONNX, with the proof that the ONNX file answers as its trainer did.

    errors.py     ConversionError: what cannot be converted, and what to do
    load.py       a file into a trained model: pickle, joblib, LightGBM's and XGBoost's own files
    schema.py     the inputs of a model, and the ONNX types they get
    classical.py  scikit-learn, LightGBM and XGBoost into ONNX
    boosters.py   LightGBM and XGBoost as skl2onnx and onnxmltools see them
    plain.py      numpy scalars in attributes as Python's numbers
"""
