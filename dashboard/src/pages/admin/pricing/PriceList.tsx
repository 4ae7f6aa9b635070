import { plural, t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { PlusIcon, TagIcon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { Empty } from "@/kit/Empty";
import { ExportMenu, type Format } from "@/kit/ExportMenu";
import { Money } from "@/kit/Money";
import { formatCompact } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { asPages } from "../parts/asPages";
import { NameLink, pageBelow } from "../parts/NameLink";
import { SearchField } from "../parts/SearchField";
import { useSearch } from "../parts/useSearch";
import { PriceForm } from "./PriceForm";
import { usePrices } from "./prices";

const AT_ONCE = 25;

/** Every price that counts now. */
export function PriceList() {
  const prices = usePrices();
  const [wanted, setWanted] = useSearch("model");
  const [most, setMost] = useState(AT_ONCE);
  const [isAdding, add] = useDisclosure(false);
  const found = (prices.data ?? []).filter(({ model }) => model.toLowerCase().includes(wanted.toLowerCase()));
  const read = (format: Format) =>
    unwrap(api().GET("/api/admin/pricing/export", { params: { query: { format } }, parseAs: "blob" }));
  return (
    <Page
      title={t`Pricing`}
      lead={t`What models cost, in dollars for a million tokens. A model without a price is refused, never served free.`}
      actions={
        <>
          <ExportMenu name="prices" read={read} />
          <Button leftSection={<PlusIcon size={18} aria-hidden />} onClick={add.open}>
            {t`Add price`}
          </Button>
        </>
      }
    >
      <Panel
        title={
          prices.data === undefined
            ? t`Prices`
            : plural({ count: prices.data.length }, { one: "# model", other: "# models" })
        }
        flush
        actions={
          <SearchField
            label={t`Find a model`}
            initial={wanted}
            onSearch={setWanted}
            w={{ base: "100%", xs: 240 }}
          />
        }
      >
        <PagedTable
          label={t`Prices`}
          query={asPages(prices, found.slice(0, most), {
            hasMore: found.length > most,
            showMore: () => setMost(most + AT_ONCE),
          })}
          rowKey={(price) => price.model}
          columns={[
            {
              title: t`Model`,
              show: (price) => (
                <NameLink to={pageBelow("/admin/pricing", price.model)}>{price.model}</NameLink>
              ),
            },
            {
              title: t`Input`,
              align: "right",
              place: "price",
              show: (price) => <Money usd={price.input_usd_per_1m} exact />,
            },
            {
              title: t`Cached input`,
              align: "right",
              show: (price) => <Money usd={price.cached_input_usd_per_1m} exact />,
            },
            {
              title: t`Output`,
              align: "right",
              show: (price) => <Money usd={price.output_usd_per_1m} exact />,
            },
            {
              title: t`Each request`,
              align: "right",
              show: (price) =>
                price.request_usd === "0.00" ? null : <Money usd={price.request_usd} exact />,
            },
            {
              title: t`Context`,
              align: "right",
              show: (price) => (price.context_tokens === null ? null : formatCompact(price.context_tokens)),
            },
            {
              title: t`Since`,
              align: "right",
              place: "wide",
              show: (price) => <When at={price.effective_at} relative />,
            },
          ]}
          empty={
            <Empty title={wanted ? t`No such model` : t`No prices`} icon={TagIcon}>
              {wanted
                ? t`Another name may be meant, or it has no price yet.`
                : t`Add one for each model that is to be served.`}
            </Empty>
          }
        />
      </Panel>
      <PriceForm opened={isAdding} onClose={add.close} />
    </Page>
  );
}
