"""Trains the sample model on gestures-train.npz and writes gestures.onnx.

    python3 resources/samples/train.py

Needs PyTorch and NumPy; nothing else of the project does. One thread and a fixed seed, so a rerun with the same
versions gives the same file. The test set is read once, at the end.
"""
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).parent
EPOCHS = 80
BATCH = 32


def block(inputs, outputs, kernel):
    return [nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm1d(outputs), nn.ReLU()]


def build():
    return nn.Sequential(
        *block(3, 16, 7), nn.MaxPool1d(2),
        *block(16, 24, 5), nn.MaxPool1d(2),
        *block(24, 32, 5),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(),
        nn.Linear(32, 6),
    )


def load(split, scale):
    arrays = np.load(FOLDER / f"gestures-{split}.npz")
    return torch.from_numpy(arrays["x"].astype(np.float32) * np.float32(scale)), torch.from_numpy(arrays["y"].astype(np.int64))


def vary(x, generator):
    """Shifts in time by up to 12 steps and changes the strength of the whole reading by up to 10 %."""
    shift = int(torch.randint(-12, 13, (1,), generator=generator))
    gain = 1 + 0.1 * (2 * torch.rand(len(x), 1, 1, generator=generator) - 1)
    return torch.roll(x, shift, dims=2) * gain


def train(model, x, y):
    generator = torch.Generator().manual_seed(1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    model.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x), generator=generator).split(BATCH):
            loss = nn.functional.cross_entropy(model(vary(x[batch], generator)), y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    model.eval()


def accuracy(model, x, y):
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    scale = json.loads((FOLDER / "gestures.json").read_text())["preprocess"]["scale"]
    x, y = load("train", scale)
    model = build()
    train(model, x, y)
    print(f"parameters {sum(p.numel() for p in model.parameters())}")
    print(f"train {accuracy(model, x, y):.4f}  test {accuracy(model, *load('test', scale)):.4f}")
    # PRESERVE keeps BatchNormalization as nodes of their own
    torch.onnx.export(
        model, x[:1], str(FOLDER / "gestures.onnx"), opset_version=13, do_constant_folding=False,
        training=torch.onnx.TrainingMode.PRESERVE, input_names=["input"], output_names=["logits"],
        dynamic_axes={"input": {0: "N"}, "logits": {0: "N"}},
    )


main()
