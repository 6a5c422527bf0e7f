"""BART's shape filled from MiniLM: the encoder is the one of models/parallax-minilm, the decoder begins as copies of its layers.

BERT adds a token type and positions from 0 to the words; BART adds positions from 2 and no type. With type 0 folded into the
positions the two encoders compute the same: both normalise after each block, both use GELU.
"""

import torch
from safetensors.torch import load_file
from transformers import BartConfig, BartForConditionalGeneration

from common import BUNDLE, DIM

LAYERS, DECODER_LAYERS, HEADS, INNER, WORDS, POSITIONS = 6, 3, 12, 1536, 30522, 512
# The layers of the encoder that the decoder's begin as.
DECODER_FROM = (1, 3, 5)
PAD, CLS, SEP = 0, 101, 102
# BART's positions begin behind two unused rows.
OFFSET = 2
DROPOUT = 0.1
# Layers of the encoder that stay as they are, bytes included; what comes behind learns with the decoder.
FROZEN_LAYERS = 4


def configuration():
    return BartConfig(
        vocab_size=WORDS, max_position_embeddings=POSITIONS, d_model=DIM, encoder_layers=LAYERS, decoder_layers=DECODER_LAYERS,
        encoder_attention_heads=HEADS, decoder_attention_heads=HEADS, encoder_ffn_dim=INNER, decoder_ffn_dim=INNER,
        activation_function="gelu", dropout=DROPOUT, attention_dropout=0.0, activation_dropout=0.0, scale_embedding=False,
        pad_token_id=PAD, bos_token_id=CLS, eos_token_id=SEP, decoder_start_token_id=CLS, forced_eos_token_id=None,
        forced_bos_token_id=None)


def block(bert, source, attention):
    """One layer of BERT under BART's names; `attention` names the block that its self-attention goes to."""
    names = {f"{attention}.q_proj": "attention.self.query", f"{attention}.k_proj": "attention.self.key",
             f"{attention}.v_proj": "attention.self.value", f"{attention}.out_proj": "attention.output.dense",
             f"{attention}_layer_norm": "attention.output.LayerNorm", "fc1": "intermediate.dense", "fc2": "output.dense",
             "final_layer_norm": "output.LayerNorm"}
    return {f"{new}.{kind}": bert[f"encoder.layer.{source}.{old}.{kind}"] for new, old in names.items() for kind in ("weight", "bias")}


def initial_state():
    """The weights that training starts from, under BART's names."""
    bert = {name: w.float() for name, w in load_file(BUNDLE / "encoder.safetensors").items()}
    words = bert["embeddings.word_embeddings.weight"]
    positions = bert["embeddings.position_embeddings.weight"] + bert["embeddings.token_type_embeddings.weight"][0]
    positions = torch.cat([torch.zeros(OFFSET, DIM), positions])
    state = {"model.shared.weight": words, "lm_head.weight": words, "final_logits_bias": torch.zeros(1, WORDS)}
    for part in ("encoder", "decoder"):
        state[f"model.{part}.embed_tokens.weight"] = words
        state[f"model.{part}.embed_positions.weight"] = positions
        for kind in ("weight", "bias"):
            state[f"model.{part}.layernorm_embedding.{kind}"] = bert[f"embeddings.LayerNorm.{kind}"]
    for layer in range(LAYERS):
        state |= {f"model.encoder.layers.{layer}.{n}": w for n, w in block(bert, layer, "self_attn").items()}
    for layer, source in enumerate(DECODER_FROM):
        for attention in ("self_attn", "encoder_attn"):
            state |= {f"model.decoder.layers.{layer}.{n}": w for n, w in block(bert, source, attention).items()}
    return state


def generator():
    """The untrained generator; what is frozen takes no gradient."""
    network = BartForConditionalGeneration._from_config(configuration(), attn_implementation="eager")
    network.load_state_dict(initial_state())
    network.tie_weights()
    encoder = network.model.encoder
    frozen = [network.model.shared, encoder.embed_positions, encoder.layernorm_embedding, *encoder.layers[:FROZEN_LAYERS]]
    for module in frozen:
        module.requires_grad_(False)
    return network
