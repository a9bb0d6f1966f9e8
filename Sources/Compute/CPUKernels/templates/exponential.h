// exp(x) for x <= 88, exactly 1 at 0 and exactly 0 below -87: Cody-Waite reduction to |r| <= ln(2)/2, then the
// polynomial of degree 6 of the Cephes library (error below 2 ulp).
static inline lanes lanes_exp(lanes x) {
    lanes lowest = lanes_all(-87.0f);
    // max with x second would keep a NaN; -87 second turns it into a number that is zeroed below.
    lanes a = lanes_max(x, lowest);
    lanes n = lanes_round(lanes_multiply(a, lanes_all(1.44269504088896341f)));
    lanes r = lanes_fnma(n, lanes_all(0.693359375f), a);
    r = lanes_fnma(n, lanes_all(-2.12194440e-4f), r);
    lanes p = lanes_all(1.9875691500e-4f);
    p = lanes_fma(p, r, lanes_all(1.3981999507e-3f));
    p = lanes_fma(p, r, lanes_all(8.3334519073e-3f));
    p = lanes_fma(p, r, lanes_all(4.1665795894e-2f));
    p = lanes_fma(p, r, lanes_all(1.6666665459e-1f));
    p = lanes_fma(p, r, lanes_all(5.0000001201e-1f));
    p = lanes_fma(lanes_multiply(p, r), r, lanes_add(r, lanes_all(1.0f)));
    return lanes_zero_below(lanes_scale(p, n), x, lowest);
}
