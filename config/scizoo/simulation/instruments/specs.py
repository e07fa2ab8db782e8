"""Files of SPECS: Prodigy's exports `.xy`, `.itx` and `.sp2`, SpecsLab 2's `.xml`."""

from collections.abc import Sequence

from scizoo.simulation.instruments.acquired import Region, values
from scizoo.simulation.instruments.experiment import VERSION, sle

__all__ = ["VERSION", "itx", "sle", "sp2", "specslab_xml", "xy"]


def xy(regions: Sequence[Region]) -> bytes:
    """Return an `.xy` of all regions: `#` lines between the blocks of data."""
    lines = [
        f"# Created by:        SpecsLab Prodigy, Version {VERSION} ",
        "#",
        "# XY-Serializer Export Settings:",
        "#   Comment Prefix:           #",
        "#   Energy Axis:              Kinetic Energy",
        "#   Time Zone Format:         UTC",
        "#",
        "# Group:                        1 as-loaded",
        "#",
    ]
    for region in regions:
        lines += [
            f"# Region:                       {region.name}",
            f"# Acquisition Date:             {region.when:%m/%d/%y %H:%M:%S} UTC",
            "# Analysis Method:              XPS",
            "# Analyzer:                     Phoibos",
            f"# Analyzer Lens:                {region.lens_mode}",
            "# Scan Mode:                    FixedAnalyzerTransmission",
            f"# Values/Curve:                 {region.points}",
            f"# Dwell Time:                   {region.dwell_time:g}",
            f"# Excitation Energy:            {region.excitation_energy:g}",
            f"# Pass Energy:                  {region.pass_energy:g}",
            f"# Comment:                      {region.comment}",
            "",
            "# Cycle: 0",
            "#",
            f"# Number of Scans: {region.sweeps}",
            "",
            "# Cycle: 0, Curve: 0, Scan: 0",
            "#",
            f"# Acquisition Date:             {region.when:%m/%d/%y %H:%M:%S} UTC",
            "# ColumnLabels:                 energy counts/s",
            "#",
            *(f"{energy:g}  {row[0]:g}" for energy, row in zip(values(region), region.counts(), strict=True)),
            "",
        ]
    return ("\n".join(lines) + "\n").encode("latin-1")


def itx(regions: Sequence[Region]) -> bytes:
    """Return an `.itx` of all regions."""
    lines = [
        "IGOR",
        f"X //Created Date (UTC): {regions[0].when:%Y-%b-%d %H:%M:%S}.123456",
        f"X //Created by: SpecsLab Prodigy, Version {VERSION}",
    ]
    for number, region in enumerate(regions, 1):
        lines += [
            "X //Acquisition Parameters:",
            "X //Scan Mode         = FixedAnalyzerTransmission",
            f"X //User Comment      = {region.comment}",
            f"X //Lens Mode         = {region.lens_mode}",
            f"X //Spectrum ID       = {number}",
            f"X //Number of Scans   = {region.sweeps}",
            f"X //DwellTime         = {region.dwell_time:g}",
            f"X //Excitation Energy = {region.excitation_energy:g}",
            f"X //Pass Energy       = {region.pass_energy:g}",
            f"WAVES/S/N=({region.points},{region.slices}) '{number}-{region.name}'",
            "BEGIN",
            *("\t".join(f"{count:g}" for count in row) for row in region.counts()),
            "END",
            f"X SetScale/I x, {region.low:g}, {region.high:g}, "
            f"\"eV (Kinetic Energy)\", '{number}-{region.name}'",
        ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def sp2(region: Region) -> bytes:
    """Return an `.sp2`, a text picture of one region."""
    rows = [[round(count) for count in row] for row in region.counts()]
    lines = [
        "P2",
        f"# Creator = SpecsLab Prodigy {VERSION}",
        f"# Creation Date = {region.when:%Y-%b-%d %H:%M:%S} UTC",
        f"# Region = {region.name}",
        f"# Lens Mode = {region.lens_mode}",
        f"# Excitation Energy = {region.excitation_energy:g} # [eV]",
        f"# Pass Energy = {region.pass_energy:g} # [eV]",
        f"# ERange = {region.low:g} {region.high:g} # [eV]",
        f"{region.points} {region.slices} {max(map(max, rows))}",
        *(str(row[column]) for column in range(region.slices) for row in rows),
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def specslab_xml(regions: Sequence[Region]) -> bytes:
    """Return a SpecsLab 2 `.xml` of all regions."""
    body = "".join(_specslab_region(region) for region in regions)
    return (
        '<?xml version="1.0"?>\n<!-- CORBA XML document created by XMLSerializer2 1.6, '
        "from SL 2.81-r39274 -->\n"
        '<any version="1.6"><sequence type_name="RegionGroupSeq"><struct type_name="RegionGroup">'
        '<string name="name">as loaded</string><sequence name="regions" type_name="RegionDataSeq">'
        f"{body}</sequence></struct></sequence></any>\n"
    ).encode()


def _specslab_region(region: Region) -> str:
    counts = "\n".join(f"{row[0]:.0f}" for row in region.counts())
    return (
        f'<struct type_name="RegionData"><string name="name">{region.name}</string>'
        '<struct name="region" type_name="RegionDef"><string name="analysis_method">XPS</string>'
        f'<string name="analyzer_lens">{region.lens_mode}</string>'
        f'<ulong name="num_scans">{region.sweeps}</ulong>'
        f'<double name="dwell_time">{region.dwell_time:g}</double>'
        f'<double name="excitation_energy">{region.excitation_energy:g}</double>'
        f'<double name="pass_energy">{region.pass_energy:g}</double></struct>'
        '<struct name="analyzer_info" type_name="AnalyzerInfo"><string name="name">PHOIBOS</string></struct>'
        '<sequence name="cycles" type_name="CycleSeq"><struct type_name="Cycle">'
        f'<ulong name="time">{region.when.timestamp():.0f}</ulong><sequence name="scans"><struct '
        'type_name="ScanData"><sequence name="counts"><ulong type_name="Counts">'
        f"\n{counts}\n</ulong></sequence>"
        "</struct></sequence></struct></sequence></struct>"
    )
