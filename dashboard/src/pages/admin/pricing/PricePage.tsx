import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { PencilIcon, TagIcon, TagXIcon } from "lucide-react";
import { useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { type Fact, Facts } from "@/kit/Facts";
import { Loaded } from "@/kit/Loaded";
import { Money } from "@/kit/Money";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { formatCount } from "@/kit/numbers";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { Tile, Tiles } from "@/kit/Tile";
import { Unspaced } from "@/kit/Unspaced";
import { When } from "@/kit/When";
import { asPages } from "../parts/asPages";
import { Status } from "../parts/Status";
import { ADMIN, useChange } from "../parts/useChange";
import { ABILITIES, LABELS } from "./abilities";
import { CLASS_FIELDS, CLASSES } from "./entry";
import { PriceForm } from "./PriceForm";
import type { ModelPrice } from "./prices";

/** A model's price, and those that it had. */
export function PricePage() {
  const { model = "" } = useParams();
  const price = useQuery({
    queryKey: [ADMIN, "price", model],
    queryFn: () => unwrap(api().GET("/api/admin/pricing/{model}", { params: { path: { model } } })),
  });
  return (
    <Page
      back={{ to: "/admin/pricing", list: t`Pricing` }}
      title={model}
      lead={price.data && <Lead found={price.data} />}
      actions={price.data && <Actions found={price.data} />}
    >
      {price.isError && asProblem(price.error).status === 404 ? (
        <Unpriced model={model} />
      ) : (
        <Loaded query={price}>{(found) => <Everything found={found} />}</Loaded>
      )}
    </Page>
  );
}

function Unpriced({ model }: { model: string }) {
  const [isAdding, add] = useDisclosure(false);
  return (
    <>
      <Empty
        title={t`It has no price`}
        icon={TagIcon}
        action={<Button onClick={add.open}>{t`Add price`}</Button>}
      >
        {t`Requests for a model without a price are refused.`}
      </Empty>
      <PriceForm model={model} opened={isAdding} onClose={add.close} />
    </>
  );
}

interface Props {
  found: ModelPrice;
}

function Lead({ found: { active, price } }: Props) {
  return (
    <Group component="span" gap={8}>
      {active ? (
        <Status tone="good">{t`On the list`}</Status>
      ) : (
        <Status tone="idle">{t`Off the list: requests are refused`}</Status>
      )}
      <span>
        <Trans>
          since <When at={price.effective_at} />
        </Trans>
      </span>
    </Group>
  );
}

function Actions({ found }: Props) {
  const { active, price } = found;
  const [isChanging, change] = useDisclosure(false);
  const withdraw = useChange((model: string, headers) =>
    unwrap(api().DELETE("/api/admin/pricing/{model}", { params: { path: { model } }, headers })),
  );
  const takeOff = async () => {
    const agreed = await confirm({
      title: t`Take ${{ model: price.model }} off the list?`,
      children: t`Requests for it are refused from now on. Its versions stay, and it can be given a price again.`,
      action: t`Take off the list`,
      danger: true,
    });
    if (!agreed) return;
    try {
      await withdraw.mutateAsync(price.model);
      notifyDone(t`${{ model: price.model }} is off the list.`);
    } catch (error) {
      notifyProblem(error, t`The price was not taken off the list`);
    }
  };
  return (
    <>
      {active && (
        <Button
          variant="default"
          leftSection={<TagXIcon size={18} aria-hidden />}
          loading={withdraw.isPending}
          onClick={takeOff}
        >
          {t`Take off the list`}
        </Button>
      )}
      <Button leftSection={<PencilIcon size={18} aria-hidden />} onClick={change.open}>
        {active ? t`Change price` : t`Put back on the list`}
      </Button>
      <PriceForm found={found} opened={isChanging} onClose={change.close} />
    </>
  );
}

/** Which tiers a version has: `> 200,000, flex, flex > 200,000`; nothing where it has none. */
function sayTiers({ tiers, service_tiers }: ModelPrice["price"]): string | null {
  const longer = (each: typeof tiers, name: string) =>
    each.map(({ above_prompt_tokens: tokens }) => `${name}> ${formatCount(tokens)}`);
  const services = Object.entries(service_tiers).flatMap(([name, tier]) => [
    name,
    ...longer(tier.tiers, `${name} `),
  ]);
  return [...longer(tiers, ""), ...services].join(", ") || null;
}

/** What a tier costs, each side. */
function sides(label: string, tier: { input_usd_per_1m: string; output_usd_per_1m: string }): Fact {
  return [
    label,
    <span key={label}>
      <Trans>
        <Money usd={tier.input_usd_per_1m} exact /> in, <Money usd={tier.output_usd_per_1m} exact /> out
      </Trans>
    </span>,
  ];
}

function Everything({ found: { active, price, versions } }: Props) {
  return (
    <>
      <Tiles>
        <Tile
          label={t`Input`}
          value={<Money usd={price.input_usd_per_1m} exact />}
          note={t`a million tokens`}
        />
        <Tile
          label={t`Output`}
          value={<Money usd={price.output_usd_per_1m} exact />}
          note={t`a million tokens`}
        />
        <Tile label={t`Each request`} value={<Money usd={price.request_usd} exact />} note={t`on top`} />
      </Tiles>
      <Panel title={t`Terms`}>
        <Facts
          spread
          facts={[
            ...CLASS_FIELDS.map(
              (field): Fact => [CLASSES[field].label, <Money key={field} usd={price[field]} exact />],
            ),
            ...price.tiers.map((tier) =>
              sides(t`Above ${{ abovePromptTokens: formatCount(tier.above_prompt_tokens) }} tokens`, tier),
            ),
            ...Object.entries(price.service_tiers).flatMap(([name, tier]) => [
              sides(t`Service tier ${name}`, tier),
              ...tier.tiers.map((longer) =>
                sides(
                  t`${name}, above ${{ tokens: formatCount(longer.above_prompt_tokens) }} tokens`,
                  longer,
                ),
              ),
            ]),
            [
              t`Context`,
              price.context_tokens === null
                ? t`Not given`
                : t`${{ contextTokens: formatCount(price.context_tokens) }} tokens`,
            ],
            [
              t`Longest answer`,
              price.max_output_tokens === null
                ? t`Not given`
                : t`${{ maxOutputTokens: formatCount(price.max_output_tokens) }} tokens`,
            ],
            ...ABILITIES.map(
              (ability): Fact => [LABELS[ability], price[ability]?.join(", ") ?? t`Not given`],
            ),
            [t`Source`, price.source === null ? t`Not given` : <Unspaced key="source" text={price.source} />],
            [t`Dated`, price.dated ?? t`Not given`],
          ]}
        />
      </Panel>
      <Panel title={t`Versions`} lead={t`Receipts name the version that charged them.`} flush>
        <PagedTable
          label={t`Versions of the price`}
          query={asPages({ data: versions, error: null, refetch: () => undefined }, versions)}
          rowKey={(version) => version.version}
          columns={[
            {
              title: t`From`,
              show: (version) => (
                <Group gap={8} wrap="nowrap">
                  <When at={version.effective_at} />
                  {active && version.version === price.version && <Badge variant="light">{t`Now`}</Badge>}
                </Group>
              ),
            },
            { title: t`Version`, align: "right", show: (version) => version.version },
            {
              title: t`Input`,
              align: "right",
              place: "price",
              show: (version) => <Money usd={version.input_usd_per_1m} exact />,
            },
            {
              title: t`Cached input`,
              align: "right",
              show: (version) => <Money usd={version.cached_input_usd_per_1m} exact />,
            },
            {
              title: t`Output`,
              align: "right",
              show: (version) => <Money usd={version.output_usd_per_1m} exact />,
            },
            {
              title: t`Reasoning`,
              align: "right",
              show: (version) => <Money usd={version.reasoning_usd_per_1m} exact />,
            },
            {
              title: t`Each request`,
              align: "right",
              show: (version) => <Money usd={version.request_usd} exact />,
            },
            { title: t`Tiers`, show: (version) => sayTiers(version) },
          ]}
          empty={null}
        />
      </Panel>
    </>
  );
}
