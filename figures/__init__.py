"""Pictures and the report: data -> geometry -> drawing. The first two steps are numbers; matplotlib is imported by the third."""
