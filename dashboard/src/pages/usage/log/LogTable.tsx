import { t } from "@lingui/core/macro";
import { Table, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { ArrowDownIcon, ArrowUpIcon } from "lucide-react";
import { memo, type ReactNode } from "react";
import { Link } from "react-router";
import type { UsageRecord } from "@/data/usage";
import { Money } from "@/kit/Money";
import { formatCount, formatDuration } from "@/kit/numbers";
import { Gap, useRows } from "@/kit/rows";
import { When } from "@/kit/When";
import { requestPath } from "../requestPath";
import { StatusBadge } from "../StatusBadge";
import type { Order } from "../view";
import type { ColumnId } from "./columnIds";
import { COLUMNS } from "./columns";
import classes from "./LogTable.module.css";
import { rowKey } from "./merge";
import { columnOf, nextOrder } from "./order";

interface Props {
  label: string;
  requests: UsageRecord[];
  columns: ColumnId[];
  order: Order | null;
  onOrder: (order: Order | null) => void;
  keyName: (id: string) => string;
}

const ROW_PX = 47;
const NARROW_ROW_PX = 67;

/** The log's rows. Only those near the window are there, so that ten thousand are as quick as ten. */
export function LogTable(props: Props) {
  const isNarrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <Narrow {...props} /> : <Wide {...props} />;
}

function Wide({ label, requests, columns, order, onOrder, keyName }: Props) {
  const { top, measure, indices, before, after } = useRows(requests.length, ROW_PX);
  return (
    <div ref={top}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section className="scrolls-sideways" aria-label={label} tabIndex={0}>
        <Table
          className={classes.table}
          aria-label={label}
          aria-rowcount={requests.length + 1}
          highlightOnHover
        >
          <Table.Thead>
            <Table.Tr aria-rowindex={1}>
              {columns.map((id) => (
                <Head key={id} id={id} order={order} onOrder={onOrder} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {before > 0 && <Gap height={before} />}
            {indices.map((index) => {
              const request = requests[index];
              return (
                request !== undefined && (
                  <Row
                    key={rowKey(request)}
                    index={index}
                    request={request}
                    columns={columns}
                    keyName={keyName}
                    measure={measure}
                  />
                )
              );
            })}
            {after > 0 && <Gap height={after} />}
          </Table.Tbody>
        </Table>
      </section>
    </div>
  );
}

function Head({ id, order, onOrder }: { id: ColumnId } & Pick<Props, "order" | "onOrder">) {
  const { title, align } = COLUMNS[id];
  const current = order === null ? null : columnOf(order);
  const isCurrent = current?.id === id;
  return (
    <Table.Th
      scope="col"
      ta={align}
      aria-sort={isCurrent ? (current.isDown ? "descending" : "ascending") : undefined}
    >
      <UnstyledButton className={classes.head} onClick={() => onOrder(nextOrder(order, id))}>
        {title}
        {isCurrent &&
          (current.isDown ? <ArrowDownIcon size={13} aria-hidden /> : <ArrowUpIcon size={13} aria-hidden />)}
      </UnstyledButton>
    </Table.Th>
  );
}

interface RowProps extends Pick<Props, "columns" | "keyName"> {
  index: number;
  request: UsageRecord;
  measure: (row: HTMLTableRowElement | null) => void;
}

const Row = memo(function Row({ index, request, columns, keyName, measure }: RowProps) {
  return (
    <Table.Tr ref={measure} data-index={index} aria-rowindex={index + 2} className={classes.row}>
      {columns.map((id, column) => (
        <Table.Td key={id} ta={COLUMNS[id].align} data-whole={COLUMNS[id].isName !== true || undefined}>
          {column === 0 ? (
            <Link to={requestPath(request)} className={classes.link}>
              {asName(id, COLUMNS[id].show(request, keyName))}
              <VisuallyHidden> {t`Request ${{ requestId: request.request_id }}`}</VisuallyHidden>
            </Link>
          ) : (
            asName(id, COLUMNS[id].show(request, keyName))
          )}
        </Table.Td>
      ))}
    </Table.Tr>
  );
});

/** A name takes some of a line before a table that has no room scrolls, and not a word a line. */
function asName(id: ColumnId, name: ReactNode): ReactNode {
  return COLUMNS[id].isName === true ? <span className={classes.name}>{name}</span> : name;
}

/** On narrow screens a request takes two lines. */
function Narrow({ label, requests, keyName }: Props) {
  const { top, measure, indices, before, after } = useRows(requests.length, NARROW_ROW_PX);
  return (
    <div ref={top}>
      <ul className={classes.list} aria-label={label} style={{ paddingTop: before, paddingBottom: after }}>
        {indices.map((index) => {
          const request = requests[index];
          if (request === undefined) return null;
          const { tokens, latency_ms } = request;
          return (
            <li key={rowKey(request)} ref={measure} data-index={index}>
              <Link to={requestPath(request)} className={classes.narrow}>
                <span className={classes.line}>
                  <span className={classes.model}>{request.model}</span>
                  <Money usd={request.charged_usd} />
                </span>
                <Text component="span" size="xs" c="dimmed" className={classes.line}>
                  <span>
                    <When at={request.created_at} /> · {keyName(request.key_id)}
                    {tokens !== null &&
                      ` · ${formatCount(tokens.prompt)} / ${formatCount(tokens.completion)}`}
                    {latency_ms !== null && ` · ${formatDuration(latency_ms)}`}
                  </span>
                  {request.status !== "ok" && <StatusBadge status={request.status} />}
                </Text>
              </Link>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
