/** The operators of the compact engine by domain, and those that are rewritten for it. Written by tests/compact_operators.rs. */
export const OPERATORS: Readonly<Record<string, string>> = {
  "":
    "Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh BatchNormalization BitShift " +
    "BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu Clip Compress Concat " +
    "Constant ConstantOfShape Cos Cosh CumProd CumSum DepthToSpace Det Div Dropout Einsum Elu " +
    "Equal Erf Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND Gelu Gemm Greater " +
    "GreaterOrEqual GroupNormalization HardSigmoid HardSwish Hardmax Identity If " +
    "InstanceNormalization IsInf IsNaN LayerNormalization LeakyRelu Less LessOrEqual Log " +
    "LogSoftmax Loop LpNormalization MatMul Max Mean MeanVarianceNormalization Min Mish Mod Mul " +
    "Neg NonZero Not OneHot Or PRelu Pad Pow RMSNormalization Range Reciprocal ReduceL1 ReduceL2 " +
    "ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum " +
    "ReduceSumSquare RegexFullMatch Relu Reshape ReverseSequence Round Scan Scatter " +
    "ScatterElements ScatterND Selu SequenceConstruct Shape Sigmoid Sign Sin Sinh Size Slice " +
    "Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze StringConcat StringNormalizer " +
    "StringSplit Sub Sum Swish Tan Tanh TfIdfVectorizer ThresholdedRelu Tile TopK Transpose " +
    "Trilu Unique Unsqueeze Where Xor",
  "ai.onnx.ml":
    "ArrayFeatureExtractor Binarizer CategoryMapper DictVectorizer FeatureVectorizer Imputer " +
    "LabelEncoder LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier " +
    "SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap",
  "com.microsoft": "CDist FusedMatMul MurmurHash3 StringNormalizer Tokenizer",
};
