import { Anchor } from "@mantine/core";
import { ArrowLeftIcon } from "lucide-react";
import { Link } from "react-router";
import classes from "./BackLink.module.css";

interface Props {
  to: string;
  /** The list that it leads to. */
  children: string;
}

/** The way from one thing to the list that it is in. */
export function BackLink({ to, children }: Props) {
  return (
    <Anchor component={Link} to={to} size="sm" className={classes.link}>
      <ArrowLeftIcon size={16} aria-hidden />
      {children}
    </Anchor>
  );
}
