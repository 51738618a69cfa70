/** Preload: OpenTelemetry with its pg instrumentation, set up as its documentation says, exporting to nowhere. */
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { BatchSpanProcessor, InMemorySpanExporter, NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** How many spans were exported, by the first word of their names. */
const exported = new Map<string, number>();

/** Counts and forgets; only the answer is that of an exporter in memory. */
class CountingExporter extends InMemorySpanExporter {
  override export(spans: ReadableSpan[], done: Parameters<InMemorySpanExporter['export']>[1]): void {
    for (const { name } of spans) {
      const kind = name.split(':', 1)[0] ?? name;
      exported.set(kind, (exported.get(kind) ?? 0) + 1);
    }
    super.export([], done);
  }
}

const processor = new BatchSpanProcessor(new CountingExporter());
const provider = new NodeTracerProvider({ spanProcessors: [processor] });
// Without arguments: the context manager over AsyncLocalStorage.
provider.register();
registerInstrumentations({ tracerProvider: provider, instrumentations: [new PgInstrumentation()] });

const tracer = provider.getTracer('bench');

/** Runs `body` in a span of its own, which is the parent of all spans in it. */
export function inRootSpan<Result>(body: () => Promise<Result>): Promise<Result> {
  return tracer.startActiveSpan('root', async (span) => {
    try {
      return await body();
    } finally {
      span.end();
    }
  });
}

/** Exports what is still queued; returns the numbers of spans since the last call. */
export async function takeSpans(): Promise<Record<string, number>> {
  await processor.forceFlush();
  const counts = Object.fromEntries(exported);
  exported.clear();
  return counts;
}
