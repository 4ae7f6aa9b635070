import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import { Unspaced } from "@/kit/Unspaced";

interface Props {
  to: string;
  children: string;
  /** A second line. */
  note?: string | null;
}

/** The name of a row, which leads to its page. */
export function NameLink({ to, children, note }: Props) {
  return (
    <div>
      <Anchor component={Link} to={to} inherit fw={550}>
        <Unspaced text={children} />
      </Anchor>
      {note != null && (
        <Text size="xs" c="dimmed">
          <Unspaced text={note} />
        </Text>
      )}
    </div>
  );
}

/** The page of one thing below a list's: `pageBelow("/admin/users", id)`. */
export function pageBelow(list: string, id: string): string {
  return `${list}/${encodeURIComponent(id)}`;
}
