"""Medians, ratios and shares, with figures one can check by hand."""

import pytest
from figures import median, ratios, share_of_bandwidth, share_of_peak


def test_median_leaves_failed_rounds_out():
    assert median([3.0, None, 1.0]) == 2.0
    assert median([None]) is None


def test_ratios_go_round_by_round():
    assert ratios([4.0, 9.0, None], [2.0, 3.0, 1.0]) == [2.0, 3.0, None]
    assert ratios([4.0], [None]) == [None]


def test_shares():
    # 100 million weights cost 0.2 Gop per token; 1,000 tokens a second are 200 of 400 Gop/s.
    assert share_of_peak(100_000_000, 1000.0, 400.0) == pytest.approx(0.5)
    # 100 MB of weights, read 200 times a second, are 20 of 50 GB/s.
    assert share_of_bandwidth(100_000_000, 200.0, 50.0) == pytest.approx(0.4)


def test_no_share_of_what_the_machine_lacks():
    assert share_of_peak(100, 1000.0, None) is None
    assert share_of_bandwidth(100, None, 50.0) is None
