// The coverage of the test run in one line: a reporter for vitest, in the format that istanbul loads.
module.exports = class CoverageLine {
  execute(context) {
    const { lines, branches } = context.getTree('flat').getRoot().getCoverageSummary();
    console.log(`Coverage of src/: ${lines.pct} % of the lines, ${branches.pct} % of the branches`);
  }
};
