import { t } from "@lingui/core/macro";
import { Select, Table, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { ArrowDownIcon, ArrowUpIcon } from "lucide-react";
import { memo, type ReactNode, useRef } from "react";
import { Link } from "react-router";
import type { UsageRecord } from "@/data/usage";
import { Money } from "@/kit/Money";
import { Gap, useRows } from "@/kit/rows";
import { useCards } from "@/kit/useCards";
import { showTokens } from "../requestColumns";
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

/**
 * The log's rows: a table, and where its columns have no room, two lines a request. A wide screen scrolls to more columns
 * than it has room for: who has chosen those wants to compare them. Only the rows near the window are there, so that ten
 * thousand are as quick as ten.
 */
export function LogTable(props: Props) {
  return <Rows key={props.columns.join()} {...props} />; // other columns need other room
}

function Rows(props: Props) {
  const place = useRef<HTMLElement>(null);
  const isCards = useCards(place);
  const isWide = useMediaQuery("(min-width: 80em)", true, { getInitialValueInEffect: false });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section ref={place} className="scrolls-sideways" aria-label={props.label} tabIndex={0}>
      <div>{isCards && !isWide ? <Narrow {...props} /> : <Wide {...props} />}</div>
    </section>
  );
}

function Wide({ label, requests, columns, order, onOrder, keyName }: Props) {
  const top = useRef<HTMLDivElement>(null);
  const { measure, indices, before, after } = useRows(top, requests.length, ROW_PX);
  return (
    <div ref={top}>
      <Table
        className={classes.table}
        data-fits
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

/** A name takes some of a line before a table has no room, and not a word a line. */
function asName(id: ColumnId, name: ReactNode): ReactNode {
  return COLUMNS[id].isName === true ? <span className={classes.name}>{name}</span> : name;
}

/** Two lines a request: which model and what it cost, and what else was chosen to be told. */
function Narrow({ label, requests, columns, order, onOrder, keyName }: Props) {
  const top = useRef<HTMLDivElement>(null);
  const { measure, indices, before, after } = useRows(top, requests.length, NARROW_ROW_PX);
  return (
    <div ref={top}>
      <Select
        className={classes.order}
        size="xs"
        aria-label={t`Sort by`}
        data={ordersOf(columns, order)}
        value={order ?? NEWEST}
        onChange={(chosen) => onOrder(chosen === NEWEST ? null : (chosen as Order))}
        allowDeselect={false}
      />
      <ul className={classes.list} aria-label={label} style={{ paddingTop: before, paddingBottom: after }}>
        {indices.map((index) => {
          const request = requests[index];
          if (request === undefined) return null;
          const isTold = columns.includes("status") && request.status !== "ok";
          return (
            <li key={rowKey(request)} ref={measure} data-index={index}>
              <Link to={requestPath(request)} className={classes.narrow}>
                <span className={classes.line}>
                  <span className={classes.model}>{request.model}</span>
                  <Money usd={request.charged_usd} />
                </span>
                <Text component="span" size="xs" c="dimmed" className={classes.line}>
                  <span className={classes.facts}>
                    {factsOf(request, columns, keyName).map(([id, fact]) => (
                      <span key={id}>{fact}</span>
                    ))}
                  </span>
                  {isTold && <StatusBadge status={request.status} />}
                </Text>
              </Link>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const NEWEST = "newest";
const IN_FIRST_LINE: ColumnId[] = ["model", "cost", "status"];
/** What is understood without its column's name. */
const SPEAKS_FOR_ITSELF: ColumnId[] = ["when", "request", "key", "latency"];

/** What the second line says of a request, by column. What is not known of it is left out. */
function factsOf(
  request: UsageRecord,
  columns: ColumnId[],
  keyName: Props["keyName"],
): [ColumnId, ReactNode][] {
  const { tokens } = request;
  const isBoth = tokens !== null && columns.includes("in") && columns.includes("out");
  return columns
    .filter((id) => !IN_FIRST_LINE.includes(id) && COLUMNS[id].by(request, keyName) !== null)
    .filter((id) => !(isBoth && id === "out"))
    .map((id) => {
      const shown = COLUMNS[id].show(request, keyName);
      if (isBoth && id === "in") return [id, showTokens(tokens)];
      return [id, SPEAKS_FOR_ITSELF.includes(id) ? shown : [COLUMNS[id].title, " ", shown]];
    });
}

/** The orders that the heads of the columns would give, and the one that there is. */
function ordersOf(columns: ColumnId[], order: Order | null): { value: string; label: string }[] {
  const ids = order === null ? columns : new Set([...columns, columnOf(order).id]);
  return [
    { value: NEWEST, label: t`Newest first` },
    ...[...ids].flatMap((id) => [
      { value: id, label: t`${{ column: COLUMNS[id].title }}, falling` },
      { value: `-${id}`, label: t`${{ column: COLUMNS[id].title }}, rising` },
    ]),
  ];
}
