import { Table, VisuallyHidden } from "@mantine/core";
import { memo, type ReactNode, useRef } from "react";
import { isSame } from "./isSame";
import { Paged, type PagedQuery } from "./Paged";
import classes from "./PagedTable.module.css";
import { Gap, useRows } from "./rows";
import { useCards } from "./useCards";

export interface Column<Row> {
  title: string;
  /** The cell's content. Where it is nothing, a phone leaves the cell out and a wide screen draws a dash. */
  show: (row: Row) => ReactNode;
  /** `right` for figures. */
  align?: "left" | "right";
  /**
   * On a phone, in the first line of a row: its `name`, else the first column; at the end its `figure`, or its `price`,
   * which is told with the column's title since it is one of several. An `action` has no title before it, and the place at
   * the end where there is no figure. A `choice` is before the name. What is for `wide`
   * screens others leave out. No column gets there by its order: a table names its own.
   */
  place?: "name" | "figure" | "price" | "action" | "choice" | "wide";
}

interface Props<Row> {
  /** What the rows are, for those who cannot see the heading above. */
  label: string;
  query: PagedQuery<Row>;
  /** As of `Paged`. */
  atFirst?: number;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** What is shown where there is no row: an `<Empty>`. */
  empty: ReactNode;
}

/** A list of the API as a table that grows by a page at a click. Where there is no room for its columns, each row takes two lines. */
export function PagedTable<Row>({ label, query, atFirst, columns, rowKey, empty }: Props<Row>) {
  return (
    <Paged query={query} atFirst={atFirst} empty={empty}>
      {(rows) => <Rows label={label} rows={rows} columns={columns} rowKey={rowKey} />}
    </Paged>
  );
}

const ROW_PX = 47;
const CARD_PX = 67;

interface Cell extends Pick<Column<never>, "title" | "align" | "place"> {
  content: ReactNode;
}

interface RowProps {
  index: number;
  measure: (row: HTMLTableRowElement | null) => void;
  cells: Cell[];
}

/** A row is drawn again where it shows something else: not while one scrolls, nor where rows are added to it. */
const Row = memo(function Row({ index, measure, cells }: RowProps) {
  return (
    <Table.Tr ref={measure} data-index={index} aria-rowindex={index + 2}>
      {cells.map(({ title, align, place, content }) => (
        <Table.Td
          key={title}
          className={align === "right" ? classes.figure : undefined}
          data-title={title}
          data-figure={(align === "right" && place !== "action") || undefined}
          data-place={place}
        >
          {asText(content)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}, isSame);

/** Words take some of a line before a table that has no room scrolls: else it would have them one below the other. */
function asText(content: ReactNode): ReactNode {
  return typeof content === "string" ? <span className={classes.text}>{content}</span> : content;
}

/** The rows that are loaded. Of very many only those near the window are there. */
function Rows<Row>({
  label,
  rows,
  columns,
  rowKey,
}: Omit<Props<Row>, "query" | "atFirst" | "empty"> & { rows: Row[] }) {
  const name = columns.find(({ place }) => place === "name") ?? columns[0];
  const top = useRef<HTMLElement>(null);
  const isCards = useCards(top);
  const { measure, indices, before, after } = useRows(top, rows.length, isCards ? CARD_PX : ROW_PX);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section ref={top} className={`scrolls-sideways ${classes.place}`} aria-label={label} tabIndex={0}>
      <Table
        className={classes.table}
        data-cards={isCards || undefined}
        data-fits
        aria-label={label}
        aria-rowcount={rows.length + 1}
      >
        <Table.Thead>
          <Table.Tr aria-rowindex={1}>
            {columns.map(({ title, align, place }) => (
              <Table.Th key={title} ta={align === "right" ? "end" : align} scope="col" data-place={place}>
                {place === "choice" ? <VisuallyHidden>{title}</VisuallyHidden> : title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {before > 0 && <Gap height={before} />}
          {indices.map((index) => {
            const row = rows[index];
            return row === undefined ? null : (
              <Row
                key={rowKey(row)}
                index={index}
                measure={measure}
                cells={columns.map((column) => ({
                  title: column.title,
                  align: column.align,
                  place: column === name ? "name" : column.place,
                  content: column.show(row),
                }))}
              />
            );
          })}
          {after > 0 && <Gap height={after} />}
        </Table.Tbody>
      </Table>
    </section>
  );
}
