import { t } from "@lingui/core/macro";
import { ServerIcon } from "lucide-react";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { PagedTable } from "@/kit/PagedTable";
import { asPages } from "../parts/asPages";
import { Faint } from "../parts/Faint";
import { NameLink, pageBelow } from "../parts/NameLink";
import { Status } from "../parts/Status";
import { usePrices } from "../pricing/prices";
import { priceOf } from "./pricedAs";
import type { Upstream } from "./upstreams";

/** The models that an upstream serves, and what they are sold for. */
export function ModelTable({ upstream: { models, priced_as } }: { upstream: Upstream }) {
  const prices = usePrices();
  const rows = Object.entries(models).map(([name, own]) => ({ name, own }));
  const price = (name: string) => priceOf(name, priced_as, prices.data ?? []);
  return (
    <PagedTable
      label={t`Models of this upstream`}
      query={asPages({ data: rows, error: null, refetch: () => undefined }, rows)}
      rowKey={(row) => row.name}
      columns={[
        {
          title: t`Model`,
          show: ({ name }) => (
            <NameLink to={pageBelow("/admin/pricing", price(name)?.model ?? priced_as?.[name] ?? name)}>
              {name}
            </NameLink>
          ),
        },
        {
          title: t`The upstream's name`,
          show: ({ name, own }) => (own === name ? <Faint>{own}</Faint> : own),
        },
        {
          title: t`Input`,
          align: "right",
          place: "price",
          show: ({ name }) => {
            const found = price(name);
            if (found !== undefined) return <Money usd={found.input_usd_per_1m} exact />;
            if (prices.data === undefined) return "…";
            if (name.includes("*")) return <Faint>{t`By name`}</Faint>; // those of its models that have one are served
            return <Status tone="warn">{t`No price: refused`}</Status>;
          },
        },
        {
          title: t`Output`,
          align: "right",
          show: ({ name }) => {
            const found = price(name);
            return found === undefined ? null : <Money usd={found.output_usd_per_1m} exact />;
          },
        },
      ]}
      empty={
        <Empty title={t`No models`} icon={ServerIcon}>
          {t`Nothing goes to it until it serves a model.`}
        </Empty>
      }
    />
  );
}
