"""Qwen2-VL: load it, ask it, train it. The only room with torch, transformers and peft."""
