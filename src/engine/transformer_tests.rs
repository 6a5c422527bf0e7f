use rust_bert::bert::{BertEmbeddings, BertModel};
use tch::{Device, nn, no_grad};

use super::*;
use crate::engine::int8::IntegerTransformer;

const CONFIG: &str = r#"{
    "hidden_act": "gelu", "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1,
    "hidden_size": 24, "initializer_range": 0.4, "intermediate_size": 40, "layer_norm_eps": 1e-12,
    "max_position_embeddings": 16, "num_attention_heads": 3, "num_hidden_layers": 2,
    "type_vocab_size": 2, "vocab_size": 50
}"#;

/// rust-bert's model with random weights, and those weights.
fn reference(config: &BertConfig) -> (BertModel<BertEmbeddings>, BTreeMap<String, WeightTensor>) {
    tch::manual_seed(7);
    let variables = nn::VarStore::new(Device::Cpu);
    let model = BertModel::new_with_optional_pooler(variables.root(), config, false);
    let weights = variables.variables().into_iter().map(|(name, mut variable)| {
        no_grad(|| {
            let random = Tensor::randn_like(&variable) * 0.4;
            variable.copy_(&random);
        });
        let shape = variable.size().iter().map(|&size| size as usize).collect();
        let values: Vec<f32> = Vec::try_from(variable.flatten(0, -1)).expect("values");
        (name, WeightTensor { shape, values })
    });
    let weights = weights.collect();
    (model, weights)
}

fn largest_difference(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).abs().max().double_value(&[])
}

#[test]
fn it_computes_what_rust_bert_computes() {
    let config: BertConfig = serde_json::from_str(CONFIG).expect("config");
    let (model, weights) = reference(&config);
    let ids = Tensor::from_slice(&[5_i64, 9, 31, 2, 40, 7, 8, 3, 0, 0]).view([2, 5]);
    let ones = Tensor::from_slice(&[1_i64, 1, 1, 1, 1, 1, 1, 1, 0, 0]).view([2, 5]);
    let expected = no_grad(|| {
        let output = model.forward_t(Some(&ids), Some(&ones), None, None, None, None, None, false);
        output.expect("forward").hidden_state
    });
    let no = f32::NEG_INFINITY;
    let mask =
        Tensor::from_slice(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, no, no]).view([2, 1, 1, 5]);

    let transformer = Transformer::new(&config, &weights).expect("weights");
    let ours = no_grad(|| transformer.forward(&ids, &mask)).expect("forward");
    let tokens = |hidden: &Tensor| hidden.view([10, -1]).narrow(0, 0, 8);
    let difference = largest_difference(&tokens(&ours), &tokens(&expected));
    assert!(difference < 1e-5, "{difference}");
    let integers = IntegerTransformer::new(&config, &weights).expect("weights");
    let windows = integers.forward(&[&[5, 9, 31, 2, 40], &[7, 8, 3]]).expect("forward");
    let integers = Tensor::from_slice(&windows.concat()).view([8, -1]);
    let difference = largest_difference(&integers, &tokens(&expected));
    assert!(difference < 0.1, "{difference}");
}

#[test]
fn a_config_that_describes_no_model_is_refused() {
    let problem = |from: &str, to: &str| {
        let config: BertConfig = serde_json::from_str(&CONFIG.replace(from, to)).expect("config");
        let weights = BTreeMap::new();
        let error = IntegerTransformer::new(&config, &weights).map(drop).expect_err("refused");
        error.to_string()
    };
    assert!(problem(r#""hidden_size": 24"#, r#""hidden_size": 0"#).contains("hidden_size is 0"));
    assert!(problem("num_attention_heads\": 3", "num_attention_heads\": 5").contains("5 heads"));
    assert!(problem(r#""gelu""#, r#""relu""#).contains("hidden_act"));
}

#[test]
fn a_missing_or_misshapen_weight_is_named() {
    let config: BertConfig = serde_json::from_str(CONFIG).expect("config");
    let (_, mut weights) = reference(&config);
    let name = "encoder.layer.1.output.dense.bias";
    let bias = weights.get_mut(name).expect("bias");
    bias.shape = vec![20, 2];
    let error = Transformer::new(&config, &weights).map(drop).expect_err("shape");
    assert!(error.to_string().contains(name), "{error}");
    weights.remove(name);
    let error = Transformer::new(&config, &weights).map(drop).expect_err("gone");
    assert!(error.to_string().contains(name), "{error}");
}
