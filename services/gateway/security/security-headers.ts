/**
 * Headers of every answer. No HSTS: the gateway speaks plain HTTP on loopback, and a browser that has seen HSTS for localhost would
 * refuse every other local program; the proxy that ends TLS sets it.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  // `style-src` allows the style attributes that the chart sets; scripts come from the gateway alone.
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
};
