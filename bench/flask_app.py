"""What people run today: a pickled scikit-learn classifier behind a Flask route. MODEL is the path of the pickle."""

from __future__ import annotations

import os

import joblib
import numpy as np
from flask import Flask, jsonify, request

app = Flask(__name__)
model = joblib.load(os.environ["MODEL"])


@app.post("/predict")
def predict():
    features = np.atleast_2d(np.asarray(request.get_json()["features"], dtype=np.float64))
    return jsonify(
        prediction=model.predict(features).tolist(),
        probabilities=model.predict_proba(features).tolist(),
        classes=model.classes_.tolist(),
    )
