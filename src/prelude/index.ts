export { expect } from './expect.js';
export { httpConnect, type HttpConnectOptions } from './http-connect.js';
export { proxyHeader, type ProxyHeaderOptions } from './proxy-header.js';
