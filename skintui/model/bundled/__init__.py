"""The small Qwen2-VL that travels with the program: its shape, its tokenizer and how it was pre-trained."""
