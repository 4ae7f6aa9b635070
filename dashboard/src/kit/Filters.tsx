import { Box, type BoxProps } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Filters.module.css";

/** What a list below is narrowed by: fields, and a button that shows all again. */
export function Filters({ children, ...box }: BoxProps & { children: ReactNode }) {
  return (
    <Box className={classes.filters} {...box}>
      {children}
    </Box>
  );
}
