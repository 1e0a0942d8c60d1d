"""PyTorch's exported programs. Skipped without PyTorch, whose default build is for CUDA and takes gigabytes."""

from __future__ import annotations

import unittest

from conversion import replay
from support import ConversionTest, needs


@needs("torch", "onnxscript")
@unittest.skipUnless(replay.package().exists(), f"no built package at {replay.package()}")
class TestTorch(ConversionTest):
    def test_rows_with_a_free_batch(self) -> None:
        import torch

        torch.manual_seed(20)
        network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).eval()
        shapes = ({0: torch.export.Dim("batch")},)
        path = self.folder / "model.pt2"
        torch.export.save(torch.export.export(network, (torch.randn(2, 4),), dynamic_shapes=shapes), path)
        samples = self.converted(path)
        self.assertEqual(len(samples["features"]), 16)

    def test_a_picture_of_fixed_size(self) -> None:
        import torch

        torch.manual_seed(20)
        network = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 2)
        ).eval()
        path = self.folder / "model.pt2"
        torch.export.save(torch.export.export(network, (torch.randn(1, 1, 8, 8),)), path)
        samples = self.converted(path)
        (picture,) = samples["inputs"].values()
        self.assertEqual(picture["dims"], [1, 1, 8, 8])

    def test_a_damaged_file(self) -> None:
        path = self.folder / "model.pt2"
        path.write_bytes(b"PK\x03\x04")
        status, said = self.convert(path, "--trust", "--out", self.out)
        self.assertEqual(status, 1)
        self.assertIn("torch.export.save", said)


if __name__ == "__main__":
    unittest.main()
