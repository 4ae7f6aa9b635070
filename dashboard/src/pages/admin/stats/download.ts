import { base, fetchSignedIn } from "@/api/client";
import { problemOf } from "@/api/problem";
import type { SpanDays } from "@/data/usage";

export type Format = "csv" | "json";

/** Have the browser save the statistics as the server writes them. */
export async function downloadStats(days: SpanDays, tenant: string, format: Format): Promise<void> {
  const query = new URLSearchParams({ days: String(days), format, ...(tenant && { tenant_id: tenant }) });
  const answer = await fetchSignedIn(new Request(`${base()}/api/admin/stats?${query}`));
  if (!answer.ok) throw await problemOf(answer, await answer.json().catch(() => null));
  const name = ["farebox", tenant, `${days}-days`].filter(Boolean).join("-");
  save(await answer.blob(), `${name}.${format}`);
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // some browsers read it a little later
}
