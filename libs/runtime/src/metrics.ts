/** Prometheus instruments, so that services need not name the library behind them. Names start with `tokenline_`; labels never carry values from messages. */
export { Counter, Gauge, Histogram, Registry } from 'prom-client';
