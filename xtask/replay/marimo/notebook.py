import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import marimo as mo

    return (mo,)


@app.cell
def _(mo):
    months = mo.ui.slider(1, 12, value=6, label="Months")
    months
    return (months,)


@app.cell
def _(mo, months):
    rows = [{"month": n, "paid": 1200 * n + 37, "people": 40 + n % 5} for n in range(1, months.value + 1)]
    mo.ui.table(rows)
    return (rows,)


@app.cell
def _(mo, rows):
    mo.md(f"""# October payroll

    **{sum(row["paid"] for row in rows)}** was paid in {len(rows)} months. See the table above.

    1. Compare the people of each month.
    2. Look at who is there twice.
    """)
    return


if __name__ == "__main__":
    app.run()
