import { ServerIcon } from "lucide-react";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { PagedTable } from "@/kit/PagedTable";
import { asPages } from "../parts/asPages";
import { Faint } from "../parts/Faint";
import { NameLink, pageBelow } from "../parts/NameLink";
import { Status } from "../parts/Status";
import { usePrices } from "../pricing/prices";

/** The models that an upstream serves, and what they are sold for. */
export function ModelTable({ models }: { models: Record<string, string> }) {
  const prices = usePrices();
  const rows = Object.entries(models).map(([name, own]) => ({ name, own }));
  const price = (name: string) => prices.data?.find(({ model }) => model === name);
  return (
    <PagedTable
      label="Models of this upstream"
      query={asPages({ data: rows, error: null, refetch: () => undefined }, rows)}
      rowKey={(row) => row.name}
      columns={[
        {
          title: "Model",
          show: ({ name }) => <NameLink to={pageBelow("/admin/pricing", name)}>{name}</NameLink>,
        },
        {
          title: "The upstream's name",
          show: ({ name, own }) => (own === name ? <Faint>The same</Faint> : own),
        },
        {
          title: "Input",
          align: "right",
          show: ({ name }) => {
            const found = price(name);
            if (found !== undefined) return <Money usd={found.input_usd_per_1m} />;
            return prices.data === undefined ? "…" : <Status tone="warn">No price: refused</Status>;
          },
        },
        {
          title: "Output",
          align: "right",
          show: ({ name }) => {
            const found = price(name);
            return found === undefined ? null : <Money usd={found.output_usd_per_1m} />;
          },
        },
      ]}
      empty={
        <Empty title="No models" icon={ServerIcon}>
          Nothing goes to it until it serves a model.
        </Empty>
      }
    />
  );
}
