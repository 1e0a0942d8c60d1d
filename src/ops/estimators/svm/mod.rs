//! `SVMClassifier` and `SVMRegressor` (ai.onnx.ml 1).

mod classifier;
mod coupling;
mod machine;
mod regressor;

use crate::ops::{Operator, types};

/// The family's operators.
pub const OPERATORS: &[Operator] = &[
    Operator {
        domain: "ai.onnx.ml",
        name: "SVMClassifier",
        versions: &[1],
        inputs: &[types::ML],
        build: classifier::build,
    },
    Operator {
        domain: "ai.onnx.ml",
        name: "SVMRegressor",
        versions: &[1],
        inputs: &[types::ML],
        build: regressor::build,
    },
];

#[cfg(test)]
mod tests {
    use crate::error::{Code, Result};
    use crate::ops::Attribute;
    use crate::ops::estimators::testing::{Named, close, floats, ints, run, strings, text};
    use crate::tensor::{Data, Tensor};

    fn rows() -> Data {
        Data::F32(vec![1.0, 2.0, -1.0, 0.5, 0.0, -1.0])
    }

    fn kernel(name: &str, degree: f32) -> Vec<Named> {
        vec![
            ("kernel_type", text(name)),
            ("kernel_params", floats(&[0.5, 0.1, degree])),
            ("support_vectors", floats(&[1.0, 1.0, -1.0, 0.0, 0.5, -2.0])),
        ]
    }

    fn two() -> Vec<Named> {
        let mut attributes = kernel("RBF", 3.0);
        attributes.extend([
            ("classlabels_ints", ints(&[10, 20])),
            ("rho", floats(&[0.1])),
            ("coefficients", floats(&[1.0, -0.5, -0.5])),
            ("vectors_per_class", ints(&[1, 2])),
        ]);
        attributes
    }

    fn three(name: &str, degree: f32) -> Vec<Named> {
        let mut attributes = kernel(name, degree);
        attributes.extend([
            ("classlabels_strings", strings(&["a", "b", "c"])),
            ("rho", floats(&[0.1, -0.2, 0.3])),
            ("coefficients", floats(&[1.0, -0.5, -0.5, 0.25, 0.2, 0.1])),
            ("vectors_per_class", ints(&[1, 1, 1])),
        ]);
        attributes
    }

    fn classify(mut attributes: Vec<Named>, extra: Vec<Named>) -> Result<Vec<Tensor>> {
        attributes.retain(|(name, _)| !extra.iter().any(|(other, _)| name == other));
        attributes.extend(extra);
        run("SVMClassifier", 1, &attributes, rows(), 2)
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn two_classes() {
        for (extra, scores) in [
            (
                vec![],
                [
                    -0.697_224_86,
                    0.697_224_86,
                    0.228_947_6,
                    -0.228_947_6,
                    0.269_485_44,
                    -0.269_485_44,
                ],
            ),
            (
                vec![("post_transform", text("LOGISTIC"))],
                [0.332_427_8, 0.667_572_2, 0.556_988_2, 0.443_011_82, 0.566_966_6, 0.433_033_4],
            ),
            (
                vec![("post_transform", text("SOFTMAX"))],
                [0.302_775_14, 0.697_224_86, 1.228_947_6, -0.228_947_6, 1.269_485_5, -0.269_485_44],
            ),
            (
                vec![("prob_a", floats(&[-1.0])), ("prob_b", floats(&[0.2]))],
                [0.620_643_2, 0.379_356_83, 0.393_267_4, 0.606_732_55, 0.383_163_03, 0.616_836_97],
            ),
        ] {
            let answer = classify(two(), extra).unwrap();
            assert_eq!(answer[0].data(), &Data::I64(vec![10, 20, 20]));
            close(&answer[1], &scores);
        }
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn kernels() {
        for (name, degree, decisions) in [
            ("LINEAR", 3.0, [3.6, 2.3, -0.25, -0.9, 0.425, 0.35, -0.9, -1.45, 0.5]),
            (
                "POLY",
                2.0,
                [2.58, -0.921_25, 0.604_25, -0.0575, -0.405_625, 0.414_25, 0.255, -0.765, 0.423],
            ),
            (
                "POLY",
                3.0,
                [
                    4.228,
                    3.070_062_4,
                    -0.162_012_46,
                    -0.011_375_01,
                    -0.063_531_26,
                    0.315_737_52,
                    0.0355,
                    -0.881_500_07,
                    0.4333,
                ],
            ),
            (
                "RBF",
                3.0,
                [
                    0.697_372_85,
                    -0.048_515_36,
                    0.303_692_76,
                    -0.221_815_47,
                    -0.177_273_88,
                    0.477_925_8,
                    -0.001_854_73,
                    -0.447_109_5,
                    0.427_102_06,
                ],
            ),
            (
                "SIGMOID",
                3.0,
                [
                    1.211_643,
                    0.494_845_93,
                    0.131_124_45,
                    -0.317_409_8,
                    0.048_613_71,
                    0.350_242_94,
                    -0.329_783,
                    -0.695_236_8,
                    0.399_983_53,
                ],
            ),
        ] {
            close(&classify(three(name, degree), vec![]).unwrap()[1], &decisions);
        }
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn probabilities_of_three_classes() {
        let platt =
            vec![("prob_a", floats(&[-1.0, -2.0, -0.5])), ("prob_b", floats(&[0.1, 0.2, 0.3]))];
        let answer = classify(three("SIGMOID", 3.0), platt).unwrap();
        assert_eq!(answer[0].data(), &Data::Str(["a", "b", "b"].map(String::from).to_vec()));
        let wanted = [
            0.560_837_7,
            0.189_043_49,
            0.250_118_76,
            0.278_086_9,
            0.360_373_74,
            0.361_539_4,
            0.153_278_44,
            0.372_787_45,
            0.473_934_08,
        ];
        close(&answer[1], &wanted);
    }

    /// Values from onnxruntime 1.31.1, which labels the third row so.
    #[test]
    fn linear_models() {
        let attributes = |coefficients: &[f32]| {
            vec![
                ("classlabels_ints", ints(&[10, 20])),
                ("rho", floats(&[0.1])),
                ("coefficients", floats(coefficients)),
                ("kernel_type", text("RBF")),
            ]
        };
        let answer = classify(attributes(&[1.0, -0.5, -0.5, 0.25]), vec![]).unwrap();
        assert_eq!(answer[0].data(), &Data::I64(vec![20, 20, 20]));
        close(&answer[1], &[0.1, 0.1, -1.15, 0.725, 0.6, -0.15]);
    }

    #[test]
    fn lists_that_do_not_fit_are_refused() {
        for (name, value) in [
            ("vectors_per_class", ints(&[1, 3])),
            ("vectors_per_class", ints(&[-1, 4])),
            ("vectors_per_class", ints(&[i64::MAX, i64::MAX])),
            ("vectors_per_class", ints(&[3])),
            ("coefficients", floats(&[1.0])),
            ("rho", floats(&[])),
            ("prob_a", floats(&[1.0])),
            ("classlabels_ints", ints(&[])),
            ("classlabels_ints", ints(&[1, 2, 3])),
            ("kernel_params", floats(&[1.0])),
            ("kernel_type", text("OTHER")),
            ("support_vectors", floats(&[1.0, 2.0])),
        ] {
            let error = classify(two(), vec![(name, value)]).unwrap_err();
            assert_eq!(error.code(), Code::ModelInvalid, "{name}");
        }
        let narrow = vec![("support_vectors", floats(&[1.0, 2.0, 3.0]))];
        assert_eq!(classify(two(), narrow).unwrap_err().code(), Code::EngineFailed);
    }

    /// Values from onnxruntime 1.31.1.
    #[test]
    fn regression() {
        let regress = |extra: Vec<Named>| {
            let mut attributes = vec![("rho", floats(&[0.1]))];
            attributes.extend(extra);
            run("SVMRegressor", 1, &attributes, rows(), 2).unwrap().swap_remove(0)
        };
        let machine = |one_class: i64| {
            let mut attributes = kernel("RBF", 3.0);
            attributes.extend([
                ("coefficients", floats(&[1.0, -0.5, -0.5])),
                ("n_supports", Attribute::Int(3)),
                ("one_class", Attribute::Int(one_class)),
                ("post_transform", text("LOGISTIC")),
            ]);
            attributes
        };
        close(&regress(machine(0)), &[0.697_224_86, -0.228_947_6, -0.269_485_44]);
        close(&regress(machine(1)), &[1.0, -1.0, -1.0]);
        let linear = vec![("coefficients", floats(&[1.0, -0.5])), ("kernel_type", text("RBF"))];
        close(&regress(linear), &[0.1, -1.15, 0.6]);
    }
}
